// swift-tools-version: 6.2
import PackageDescription

// LMDB and RocksDB, which nothing else needs: `peers` installs them and sets this.
let hasPeers = Context.environment["FLUX_BENCH_PEERS"] != nil

// A package of its own, so that neither a build nor a test of the library waits for it.
let package = Package(
    name: "FluxBenchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "FluxRun", path: "..")],
    targets: [
        // What the library is measured against: frames read, decoded and written by hand in C.
        .target(
            name: "CBenchFrames", exclude: hasPeers ? [] : ["peer_lmdb.c", "peer_rocksdb.c"],
            cSettings: hasPeers ? [.define("FLUX_BENCH_PEERS")] : [],
            linkerSettings: [.linkedLibrary("lz4"), .linkedLibrary("sqlite3")]
                + (hasPeers ? [.linkedLibrary("lmdb"), .linkedLibrary("rocksdb")] : [])),
        // Counts allocations: takes the place of malloc and its relatives in the program that links it.
        .target(name: "CBenchAllocations"),
        // Makes syncs quick or slow: takes the place of fdatasync in the program that links it.
        .target(name: "CBenchSync", path: "CommitBaseline", sources: ["sync.c"]),
        .executableTarget(
            name: "flux-bench",
            dependencies: [
                "CBenchFrames", "CBenchAllocations", "CBenchSync", .product(name: "FluxStore", package: "FluxRun"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6), .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            ]),
    ]
)
