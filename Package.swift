// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// For everything but tests: the macros of Swift Testing do not mark what they generate as `unsafe`.
let sourceSettings = settings + [.strictMemorySafety()]

let package = Package(
    name: "FluxRun",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "FluxStore", targets: ["FluxStore", "FluxFormat"]),
        .executable(name: "fluxrun", targets: ["fluxrun"]),
        // For the package in Fuzz, and for nobody else.
        .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    ],
    targets: [
        // System calls that the Glibc overlay lacks, and XXH3 inline. Header only, so it needs libxxhash-dev to build
        // and nothing of it to run.
        .target(name: "CFluxSystem"),
        .systemLibrary(name: "CFluxLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CFluxSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

        .target(name: "FluxFormat", dependencies: ["CFluxSystem"], swiftSettings: sourceSettings),
        .target(name: "FluxFiles", dependencies: ["CFluxSystem"], swiftSettings: sourceSettings),
        .target(
            name: "FluxLog", dependencies: ["FluxFormat", "FluxFiles", "CFluxLZ4"], swiftSettings: sourceSettings),
        .target(name: "FluxIndex", dependencies: ["FluxFormat", "CFluxSQLite"], swiftSettings: sourceSettings),
        .target(
            name: "FluxStore",
            dependencies: [
                "CFluxSystem", "FluxFormat", "FluxFiles", "FluxLog", "FluxIndex",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: sourceSettings),
        .target(
            name: "FluxImport", dependencies: ["FluxFormat", .product(name: "Yams", package: "Yams")],
            swiftSettings: sourceSettings),
        .target(name: "FluxReplay", dependencies: ["FluxFormat"], swiftSettings: sourceSettings),
        .executableTarget(
            name: "fluxrun",
            dependencies: [
                "FluxFormat", "FluxFiles", "FluxStore", "FluxImport", "FluxReplay",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            exclude: ["JSON.md"],
            swiftSettings: sourceSettings),

        .target(name: "TestSupport", dependencies: ["FluxFormat"], path: "Tests/TestSupport", swiftSettings: settings),
        // A disk in memory that can lose power, for tests of everything that touches one.
        .target(
            name: "SimulatedDisk", dependencies: ["FluxFiles"], path: "Tests/SimulatedDisk", swiftSettings: settings),
        .testTarget(
            name: "SimulatedDiskTests", dependencies: ["SimulatedDisk", "FluxFiles", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "FluxFormatTests", dependencies: ["FluxFormat", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "FluxLogTests",
            dependencies: ["FluxLog", "FluxFiles", "FluxFormat", "SimulatedDisk", "LogSimulation", "TestSupport"],
            swiftSettings: settings),
        // Workloads on a simulated disk that loses power, fails and fills up, and what must hold behind each. A program
        // of its own, since it needs an optimized build.
        .target(
            name: "LogSimulation",
            dependencies: ["FluxLog", "FluxFiles", "FluxFormat", "SimulatedDisk", "TestSupport"],
            path: "Tests/LogSimulation", swiftSettings: settings),
        .executableTarget(
            name: "flux-simulation", dependencies: ["LogSimulation", "SimulatedDisk", "TestSupport"],
            path: "Tests/FluxSimulation", swiftSettings: settings),
        .testTarget(
            name: "FluxIndexTests", dependencies: ["FluxIndex", "FluxFormat", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "FluxStoreTests",
            dependencies: [
                "FluxStore", "FluxFormat", "FluxFiles", "FluxLog", "FluxIndex", "SimulatedDisk", "TestSupport",
                "StoreSimulation", "AppendLoop",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        // A process of its own that appends, for tests that let it meet a full disk, or a store that is held.
        .executableTarget(
            name: "AppendLoop", dependencies: ["FluxStore", "FluxFormat", "TestSupport"], path: "Tests/AppendLoop",
            swiftSettings: settings),
        // Writer, index, producers and readers of a store on one thread, in the order that a seed decides.
        .target(
            name: "StoreSimulation",
            dependencies: [
                "FluxStore", "FluxFormat", "FluxFiles", "FluxLog", "FluxIndex", "SimulatedDisk", "TestSupport",
            ],
            path: "Tests/StoreSimulation", swiftSettings: settings),
        .executableTarget(
            name: "flux-store-simulation", dependencies: ["StoreSimulation"], path: "Tests/FluxStoreSimulation",
            swiftSettings: settings),
        // Notes the calls of the program that links it which change files: takes the place of the C library's.
        .target(name: "CPowerLoss", path: "Tests/CPowerLoss"),
        // Processes that append to real files and are killed, and what a loss of power would leave of their files.
        .executableTarget(
            name: "flux-soak",
            dependencies: ["CPowerLoss", "FluxStore", "FluxFormat", "FluxFiles", "SimulatedDisk", "TestSupport"],
            path: "Tests/FluxSoak", swiftSettings: settings),
        .testTarget(
            name: "FluxImportTests", dependencies: ["FluxImport", "FluxFormat", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "FluxReplayTests", dependencies: ["FluxReplay", "FluxFormat", "TestSupport"],
            swiftSettings: settings),
        // The tool as a person uses it: the built program is started, and spoken to.
        .testTarget(name: "ToolTests", dependencies: ["fluxrun", "TestSupport"], swiftSettings: settings),
        // A reader that was written from the format page alone, held against the store.
        .testTarget(
            name: "FormatReaderTests",
            dependencies: [
                "FluxStore", "FluxFormat", "FluxFiles", "FluxLog", "FluxImport", "SimulatedDisk", "TestSupport",
            ],
            swiftSettings: settings),
        // Durable appends beside the same group commit in C. Here and not in Benchmarks/Package.swift, since it measures
        // the log without an index, which no store can be opened as from outside.
        .target(
            name: "CommitBaseline", path: "Benchmarks/CommitBaseline",
            cSettings: [.headerSearchPath("../Sources/CBenchFrames")], linkerSettings: [.linkedLibrary("lz4")]),
        .executableTarget(
            name: "flux-commit-bench",
            dependencies: ["CommitBaseline", "FluxStore", "FluxFormat", "FluxFiles", "FluxLog"],
            path: "Benchmarks/Commit", swiftSettings: settings),
        .executableTarget(
            name: "flux-query-bench", dependencies: ["FluxIndex", "FluxFormat", "TestSupport"],
            path: "Benchmarks/Queries", swiftSettings: settings),
        // What the fuzzers run, and the inputs that are kept of them.
        .target(
            name: "FuzzTargets",
            dependencies: ["FluxStore", "FluxFormat", "FluxFiles", "FluxLog", "SimulatedDisk", "TestSupport"],
            path: "Tests/FuzzTargets", swiftSettings: settings),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], swiftSettings: settings),
        // The rules of the source tree itself.
        .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: settings),
    ]
)
