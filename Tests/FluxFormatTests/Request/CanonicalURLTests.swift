import Testing

@testable import FluxFormat

@Suite("Canonical URL")
struct CanonicalURLTests {
    @Test(
        "Scheme, host and path have one spelling",
        arguments: [
            ("HTTP://Example.COM", "http", "example.com", "/"), ("http://h:80", "http", "h", "/"),
            ("https://h:443/", "https", "h", "/"), ("ws://h:80/", "ws", "h", "/"), ("wss://h:443/", "wss", "h", "/"),
            ("http://h:443/", "http", "h:443", "/"), ("http://h:/", "http", "h", "/"),
            ("http://h:0080/", "http", "h", "/"), ("http://h:99999/", "http", "h:99999", "/"),
            ("http://u:p@h:81/", "http", "h:81", "/"), ("http://a@b@h/", "http", "h", "/"),
            ("http://[FE80::1]:80/x", "http", "[fe80::1]", "/x"), ("http://[::1]", "http", "[::1]", "/"),
            ("http://ex%41mple/", "http", "example", "/"), ("http://h/%7Ea%2fb", "http", "h", "/~a%2Fb"),
            ("http://h/a|b\\c^d", "http", "h", "/a%7Cb%5Cc%5Ed"), ("http://h/100%", "http", "h", "/100%25"),
            ("http://h/%zz%4", "http", "h", "/%25zz%254"), ("http://h/ü", "http", "h", "/%C3%BC"),
            ("http://h//a//", "http", "h", "//a//"), ("http://h/a;b=1,c@d:e", "http", "h", "/a;b=1,c@d:e"),
            ("http://h#f?x", "http", "h", "/"), ("http://h?x", "http", "h", "/"),
        ])
    func spelling(text: String, scheme: String, host: String, path: String) {
        let url = CanonicalURL(text)
        #expect((url.scheme, url.host, url.path) == (scheme, host, path))
    }

    @Test(
        "Dot segments are resolved as RFC 3986 has it",
        arguments: [
            ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/..", "/"), ("/../../a", "/a"), ("/a/..", "/"), ("/a/.", "/a/"),
            ("/a/b/../", "/a/"), ("/.a/..b/...", "/.a/..b/..."), ("/%2e%2E/a", "/a"), ("/a//../b", "/a/b"),
            ("/a/b/c/./../../g", "/a/g"),
        ])
    func dotSegments(written: String, path: String) {
        #expect(CanonicalURL("http://h" + written).path == path)
    }

    @Test(
        "A text without scheme or host is kept as it is",
        arguments: [
            "", "/only/a/path?b=1", "<HOST>x", "data:text/plain,a", "http://", "http:///a", "http://u@/", "//h/a",
        ])
    func noURL(text: String) {
        let url = CanonicalURL(text)
        #expect(!url.isURL)
        #expect(url.path == text)
        #expect(url.query.pairs.isEmpty)
    }

    @Test("Delimiters are found in front of combining marks, too")
    func combiningMarks() {
        #expect(CanonicalURL("http://h/a?\u{301}=1") == CanonicalURL("http://h/a?%CC%81=1"))
        #expect(CanonicalURL("http://h/\u{301}#\u{301}") == CanonicalURL("http://h/%CC%81"))
        #expect(CanonicalURL("http://h/\u{301}/..") == CanonicalURL("http://h/"))
    }

    @Test(
        "Pairs of the query are decoded and sorted by name, then by value",
        arguments: [
            ("b=2&a=1", "a=1&b=2"), ("a=2&a=1", "a=1&a=2"), ("a", "a="), ("&&a=1&", "a=1"), ("q=a+b", "q=a%20b"),
            ("q=%C3%BC", "q=ü"), ("q=a=b", "q=a%3Db"), ("%61=1", "a=1"), ("q=100%", "q=100%25"), ("q=%zz", "q=%25zz"),
            ("", "&"), ("?a=1", "%3Fa=1"), ("a=/?:@", "a=%2F%3F%3A%40"),
        ])
    func query(first: String, second: String) {
        #expect(CanonicalURL("http://h/?" + first) == CanonicalURL("http://h/?" + second))
    }

    @Test(
        "Queries that mean different things differ",
        arguments: [
            ("a=1", "a=1&a=1"), ("a=1&b=2", "a=2&b=1"), ("a=b", "b=a"), ("a=%2B", "a=+"), ("a=1%26b=2", "a=1&b=2"),
            ("=a", "a"), ("A=1", "a=1"), ("=", ""),
        ])
    func otherQuery(first: String, second: String) {
        #expect(CanonicalURL("http://h/?" + first) != CanonicalURL("http://h/?" + second))
    }

    @Test("A canonical URL is its own canonical form", arguments: 1...20 as ClosedRange<UInt64>)
    func idempotent(seed: UInt64) {
        var state = seed
        let alphabet = Array("/.%2eE41?&=+#:@[]aZ~-ü\u{301} \\".unicodeScalars)
        for _ in 0..<200 {
            var text = "http://h/"
            for _ in 0..<24 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.unicodeScalars.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let url = CanonicalURL(text)
            let again = CanonicalURL("\(url.scheme)://\(url.host)\(url.path)")
            #expect(again.path == url.path, "\(text)")
            #expect(again.host == url.host, "\(text)")
        }
    }
}
