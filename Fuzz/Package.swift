// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that neither a build nor a test of the library needs a fuzzer. What it runs is in the target
// FuzzTargets of the library's package, since it looks into the library's rooms.
let package = Package(
    name: "FluxFuzz",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "FluxRun", path: "..")],
    targets: [
        // The one function of libFuzzer that is called.
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "flux-fuzz", dependencies: ["CFuzzer", .product(name: "FuzzTargets", package: "FluxRun")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
