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
        ),
        // Three workflows as they would be in a service, a bridge that has them, and their tests in memory.
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
        .testTarget(
            name: "WorkflowTests",
            dependencies: [
                "ExampleWorkflows",
                .product(name: "CanoCore", package: "cano"),
                .product(name: "CanoTesting", package: "cano"),
            ],
            path: "WorkflowTests"
        ),
    ]
)
