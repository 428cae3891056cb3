// swift-tools-version: 6.2
import PackageDescription

// One target per concept; each prints what its README shows.
let package = Package(
    name: "cano-examples",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "cano", path: "..")],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [.product(name: "CanoCore", package: "cano")],
            path: "QuickStart",
            exclude: ["README.md"]
        )
    ]
)
