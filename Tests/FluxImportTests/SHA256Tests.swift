import TestSupport
import Testing

@Suite("SHA-256 of the tests")
struct SHA256Tests {
    // As `printf a…a | sha256sum` prints them: around the ends of blocks, and over 31 bytes, whose count of bits needs
    // a second byte.
    @Test(
        "Is what other programs compute",
        arguments: [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"),
            (39, "b4d5e56e929ba4cda349e9274e3603d0be246b82016bca20f363963c5f2d6845"),
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
            (119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"),
            (300, "9835fa6bf4e20a9b9ea812506302e98982721a6cf8d2cae67af57129bf21ae90"),
        ])
    func known(byteCount: Int, digest: String) {
        #expect(SHA256.hexDigest(of: [UInt8](repeating: 0x61, count: byteCount)) == digest)
    }
}
