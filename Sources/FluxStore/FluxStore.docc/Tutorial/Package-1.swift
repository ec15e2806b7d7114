// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "flight",
    dependencies: [.package(path: "../FluxRun")],
    targets: [
        .executableTarget(name: "flight", dependencies: [.product(name: "FluxStore", package: "FluxRun")])
    ])
