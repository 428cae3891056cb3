// swift-tools-version: 6.2
import PackageDescription

// What each of these folders shows needs the engine alone. In the order of README.md, where each is read after the one before.
let concepts = [
    "QuickStart", "Router", "Map", "Retries", "Resources", "SharedStores", "Graph",
    "Split", "JoinAny", "JoinQuorum", "JoinPercentage", "JoinPartialResults", "JoinPartialTimeout", "Bulkhead",
    "Batch", "Stepped", "Stream", "Poll", "Timer", "Signals", "Saga", "ChildRuns", "RemoteTask", "Scheduler", "Breaker", "RateLimiter",
]

let engine: Target.Dependency = .product(name: "CanoCore", package: "cano")

let bridge: [Target.Dependency] = [engine, .product(name: "CanoBridge", package: "cano"), .product(name: "CanoCLI", package: "cano")]

/// A program that prints what its README shows.
func example(_ name: String, _ dependencies: [Target.Dependency] = [], excluding folders: [String] = []) -> Target {
    .executableTarget(name: name, dependencies: [engine] + dependencies, path: name, exclude: ["README.md"] + folders)
}

let package = Package(
    name: "cano-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "cano", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: concepts.map { example($0) } + [
        .target(name: "FileCheckpoints", dependencies: [engine], path: "CustomStore/FileCheckpoints"),
        example("CustomStore", ["FileCheckpoints", .product(name: "CanoTesting", package: "cano")], excluding: ["FileCheckpoints"]),
        example("Recovery", ["FileCheckpoints"]),
        example(
            "ObserversAndMetrics",
            [.product(name: "CoreMetrics", package: "swift-metrics"), .product(name: "MetricsTestKit", package: "swift-metrics")]),
        example(
            "TracingRuns",
            [
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .target(name: "PaymentWorkflow", dependencies: [engine], path: "TestingAWorkflow/Payment"),
        .testTarget(
            name: "PaymentTests",
            dependencies: [
                "PaymentWorkflow", engine,
                .product(name: "CanoTesting", package: "cano"),
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoBridgeTesting", package: "cano"),
                .product(name: "CanoClient", package: "cano"),
            ],
            path: "TestingAWorkflow/Tests"
        ),
        .executableTarget(
            name: "till",
            dependencies: [
                "PaymentWorkflow", engine,
                .product(name: "CanoBridge", package: "cano"),
                .product(name: "CanoClient", package: "cano"),
                .product(name: "CanoRedis", package: "cano"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "EmbeddedBridge",
            exclude: ["README.md"]
        ),
        .executableTarget(
            name: "time-zones",
            dependencies: bridge + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "time-zones/Sources"
        ),
        .executableTarget(name: "support-agent", dependencies: bridge, path: "support-agent/Sources"),
    ]
)
