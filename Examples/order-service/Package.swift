// swift-tools-version: 6.2
import PackageDescription

// An application of its own. Outside this repository the dependency is the same with a URL in place of the path.
let package = Package(
    name: "order-service",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "cano", path: "../..")],
    targets: [
        .executableTarget(
            name: "order-service",
            dependencies: [
                .product(name: "CanoCore", package: "cano"),
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoCLI", package: "cano"),
            ],
            path: "Sources/OrderService"
        )
    ]
)
