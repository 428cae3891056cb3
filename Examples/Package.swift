// swift-tools-version: 6.2
import PackageDescription

// One target per concept; each prints what its README shows.
let package = Package(
    name: "cano-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "cano", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "QuickStart",
            dependencies: [.product(name: "CanoCore", package: "cano")],
            path: "QuickStart",
            exclude: ["README.md"]
        ),
        // Three workflows as they would be in a service, a bridge that has them, and their tests in memory and on a bridge.
        .target(
            name: "ExampleWorkflows",
            dependencies: [.product(name: "CanoCore", package: "cano")],
            path: "Workflows",
            exclude: ["README.md"]
        ),
        .executableTarget(
            name: "workflow-bridge",
            dependencies: [
                "ExampleWorkflows",
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoCLI", package: "cano"),
            ],
            path: "WorkflowBridge"
        ),
        .executableTarget(
            name: "till",
            dependencies: [
                "ExampleWorkflows",
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoClient", package: "cano"),
                .product(name: "CanoCore", package: "cano"),
                .product(name: "CanoRedis", package: "cano"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "EmbeddedBridge",
            exclude: ["README.md"]
        ),
        .testTarget(
            name: "WorkflowTests",
            dependencies: [
                "ExampleWorkflows",
                .product(name: "CanoCore", package: "cano"),
                .product(name: "CanoTesting", package: "cano"),
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoBridgeTesting", package: "cano"),
                .product(name: "CanoClient", package: "cano"),
            ],
            path: "WorkflowTests"
        ),
    ]
)
