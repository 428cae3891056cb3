// swift-tools-version: 6.2
import PackageDescription

// Our own checks set CANO_STRICT=1: warnings are errors for us, never for those who depend on us.
let isStrict = Context.environment["CANO_STRICT"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

// Debian's headers are where every compiler looks; asking pkg-config there brings only a flag that SwiftPM warns of.
#if os(Linux)
    let hiredisPkgConfig: String? = nil
#else
    let hiredisPkgConfig: String? = "hiredis"
#endif

// A script is a folder with its Lua, which becomes a part of the binary, beside the Swift that calls it.
func luaFiles(of scripts: [String], sharing libraries: [String]) -> [Resource] {
    let own = scripts.map { script in
        let words = script.reduce(into: "") { name, letter in
            if letter.isUppercase, !name.isEmpty { name += "_" }
            name += letter.lowercased()
        }
        return "\(script)/\(words).lua"
    }
    return (own + libraries.map { "Shared/\($0).lua" }).map { .embedInCode("Scripts/\($0)") }
}

let package = Package(
    name: "cano",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "CanoCore", targets: ["CanoCore"]),
        .library(name: "CanoRedis", targets: ["CanoRedis"]),
        .library(name: "CanoRedisStores", targets: ["CanoRedisStores"]),
        .library(name: "CanoBus", targets: ["CanoBus"]),
        .library(name: "CanoClient", targets: ["CanoClient"]),
        .library(name: "CanoBridge", targets: ["CanoBridge"]),
        .library(name: "CanoEmbeddedRedis", targets: ["CanoEmbeddedRedis"]),
        .library(name: "CanoAdmin", targets: ["CanoAdmin"]),
        .library(name: "CanoTelemetry", targets: ["CanoTelemetry"]),
        .library(name: "CanoOTLP", targets: ["CanoOTLP"]),
        .library(name: "CanoCLI", targets: ["CanoCLI"]),
        .library(name: "CanoTesting", targets: ["CanoTesting"]),
        .library(name: "CanoBridgeTesting", targets: ["CanoBridgeTesting"]),
        // Empty without the trait SQLite.
        .library(name: "CanoSQLite", targets: ["CanoSQLite"]),
        .library(name: "CanoHistory", targets: ["CanoHistory"]),
        .executable(name: "cano-bridge", targets: ["cano-bridge"]),
    ],
    traits: [
        .trait(
            name: "SQLite",
            description: "Checkpoints, and the history of a bus, in SQLite files: what CanoSQLite and CanoHistory need GRDB for.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Without its configuration and Foundation's larger part, which nothing here needs.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        // Only resolved by those who enable the trait.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .target(
            name: "CanoPrimitives",
            dependencies: [.product(name: "DequeModule", package: "swift-collections")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoCore",
            dependencies: [
                "CanoPrimitives",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .systemLibrary(
            name: "CHiredis",
            pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
        ),
        .target(
            name: "CanoRedis",
            dependencies: [
                "CanoPrimitives", "CHiredis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoRedisStores",
            dependencies: [
                "CanoCore", "CanoPrimitives", "CanoRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // A script is a folder, so its Lua is named here.
            resources: [
                .embedInCode("Ownership/ownership.lua"),
                .embedInCode("Ownership/run_log.lua"),
                .embedInCode("SharedWrites/shared_writes.lua"),
                .embedInCode("Scripts/AcquireRun/acquire_run.lua"),
                .embedInCode("Scripts/AppendElement/append_element.lua"),
                .embedInCode("Scripts/AppendRow/append_row.lua"),
                .embedInCode("Scripts/ApplyWrites/apply_writes.lua"),
                .embedInCode("Scripts/BeginRun/begin_run.lua"),
                .embedInCode("Scripts/ClearRun/clear_run.lua"),
                .embedInCode("Scripts/ReleaseRun/release_run.lua"),
                .embedInCode("Scripts/RenewLeases/renew_leases.lua"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "CanoBus", dependencies: ["CanoPrimitives"], swiftSettings: swiftSettings),
        .target(
            name: "CanoClient",
            dependencies: [
                "CanoBus", "CanoCore", "CanoPrimitives", "CanoRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoBridge",
            dependencies: [
                "CanoBus",
                "CanoCore", "CanoPrimitives", "CanoRedis", "CanoRedisStores",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: luaFiles(
                of: [
                    "Accept", "AdmitTasks", "Cancel", "CheckRights", "Claim", "Commit", "EndUnclaimed", "ExpireSignals", "Finish", "Fire",
                    "Flush", "Forget", "KeepGraphs", "Lapse",
                    "PauseSchedule", "Reject", "RemoveConsumer", "RemoveSchedule", "Renew", "Reserve", "Resume", "ResumeSchedule",
                    "RunSchedule", "SetSchedule", "Signal", "TakeAnswer",
                ],
                sharing: [
                    "answers", "beginnings", "children", "claims", "duplicates", "entries", "events", "fields", "firings", "handing",
                    "inbox",
                    "open_children", "parents", "replies", "reply_names", "resumptions", "runs", "schedules", "several_entries",
                    "several_runs", "steps",
                    "takings", "task_keys",
                    "task_queues", "tasks",
                    "waits", "wakeups", "waking", "wording",
                ]),
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoHistory",
            dependencies: [
                "CanoBus", "CanoClient", "CanoCore", "CanoPrimitives", "CanoRedis",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoEmbeddedRedis",
            dependencies: [
                "CanoRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoTelemetry",
            dependencies: ["CanoCore", .product(name: "Metrics", package: "swift-metrics")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoAdmin",
            dependencies: [
                "CanoBridge", "CanoBus", "CanoClient", "CanoCore", "CanoHistory", "CanoPrimitives", "CanoRedis", "CanoTelemetry",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: ["admin.css", "admin.js", "icon.svg", "openapi.yaml"].map { .embedInCode("Assets/\($0)") },
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoOTLP",
            dependencies: [
                "CanoCore", "CanoPrimitives", "CanoTelemetry",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoCLI",
            dependencies: [
                "CanoAdmin", "CanoBridge", "CanoBus", "CanoClient", "CanoCore", "CanoEmbeddedRedis", "CanoHistory", "CanoOTLP",
                "CanoPrimitives",
                "CanoRedis", "CanoTelemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "cano-bridge",
            dependencies: [
                "CanoCore", "CanoBridge", "CanoCLI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoTesting",
            dependencies: ["CanoCore"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoBridgeTesting",
            dependencies: [
                "CanoBridge", "CanoBus", "CanoClient", "CanoCore", "CanoEmbeddedRedis", "CanoRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "CanoSQLite",
            dependencies: [
                "CanoCore",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: swiftSettings),
        .testTarget(name: "CanoPrimitivesTests", dependencies: ["CanoPrimitives"], swiftSettings: swiftSettings),
        .testTarget(name: "CanoBusTests", dependencies: ["CanoBus", "CanoPrimitives"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CanoCoreTests",
            dependencies: [
                "CanoCore", "CanoPrimitives", "CanoTesting", "ArticleFixture", "RuleFixture",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoRedisTests",
            dependencies: [
                "CanoRedis", "CanoPrimitives", "CanoTesting", "RedisServerFixture",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoRedisStoresTests",
            dependencies: [
                "CanoRedisStores", "CanoPrimitives", "CanoTesting", "RedisServerFixture",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoBridgeTests",
            dependencies: [
                "CanoBridge", "CanoBus", "CanoCore", "CanoPrimitives", "CanoRedis", "CanoRedisStores", "CanoTesting",
                "RedisServerFixture",
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoEmbeddedRedisTests",
            dependencies: [
                "CanoEmbeddedRedis", "CanoRedis", "CanoTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoClientTests",
            dependencies: [
                "CanoBridge", "CanoBridgeTesting", "CanoBus", "CanoClient", "CanoCore", "CanoPrimitives", "CanoRedis", "CanoTesting",
                "RedisServerFixture",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoTelemetryTests",
            dependencies: [
                "CanoBridge", "CanoCore", "CanoTelemetry", "CanoTesting", .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoAdminTests",
            dependencies: [
                "CanoAdmin", "CanoBridge", "CanoBus", "CanoClient", "CanoCore", "CanoRedis", "CanoTelemetry", "CanoTesting",
                "ArticleFixture",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoOTLPTests",
            dependencies: [
                "CanoCore", "CanoOTLP", "CanoPrimitives", "CanoTelemetry", "CanoTesting",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoCLITests",
            dependencies: [
                "CanoBridge", "CanoBus", "CanoCLI", "CanoClient", "CanoOTLP", "CanoPrimitives", "CanoRedis", "CanoTesting",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoSQLiteTests",
            dependencies: [
                "CanoSQLite", "CanoTesting", "RuleFixture", "checkpointed-run",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "CanoHistoryTests",
            dependencies: [
                "CanoBus", "CanoClient", "CanoCore", "CanoHistory", "CanoPrimitives", "CanoRedis", "CanoTesting", "RedisServerFixture",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings
        ),
        // Inputs that nobody would write, in all that reads what others wrote.
        .testTarget(
            name: "FuzzTests",
            dependencies: [
                "CanoBridge", "CanoBus", "CanoCore", "CanoPrimitives", "CanoRedis", "CanoRedisStores", "CanoSQLite", "CanoTesting",
                .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"])),
            ],
            swiftSettings: swiftSettings
        ),
        // A run to be killed, for tests only.
        .executableTarget(
            name: "checkpointed-run",
            dependencies: ["CanoCore", "CanoSQLite"],
            path: "Tests/CheckpointedRun",
            swiftSettings: swiftSettings
        ),
        // Says when cron expressions are due, for Tests/Cron only.
        .executableTarget(name: "cron-times", dependencies: ["CanoCore"], path: "Tests/CronTimes", swiftSettings: swiftSettings),
        // The articles in the source tree, for the tests that compile what they show.
        .target(name: "ArticleFixture", path: "Tests/ArticleFixture", swiftSettings: swiftSettings),
        // Rows of tables of rules, for the tests that run them.
        .target(name: "RuleFixture", path: "Tests/RuleFixture", swiftSettings: swiftSettings),
        // A real redis-server on a private socket, for tests only.
        .target(
            name: "RedisServerFixture",
            dependencies: [
                "CanoRedis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            path: "Tests/RedisServerFixture",
            swiftSettings: swiftSettings
        ),
    ]
)

// Programs for our own checks, and what only they need.
if isStrict {
    // Workflows that fail, crash and block as the tests of faults tell them.
    package.targets.append(
        .executableTarget(
            name: "trial-bridge",
            dependencies: [
                "CanoCore", "CanoBridge", "CanoBus", "CanoCLI", .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/TrialBridge",
            swiftSettings: swiftSettings
        ))
    // Asks a history all that can be asked, for Benchmarks/history.py only.
    package.targets.append(
        .executableTarget(
            name: "history-queries", dependencies: ["CanoBus", "CanoClient", "CanoHistory"], path: "Tests/HistoryQueries",
            swiftSettings: swiftSettings
        ))
    // Writes docs/contract from the tables in CanoBus.
    package.dependencies.append(.package(url: "https://github.com/jpsim/Yams", from: "6.2.2"))
    package.targets += [
        .executableTarget(
            name: "contract-files",
            dependencies: ["CanoBus", "CanoPrimitives", .product(name: "Yams", package: "Yams")],
            path: "Tests/ContractFiles",
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "ContractFilesTests", dependencies: ["contract-files"], swiftSettings: swiftSettings),
    ]
}

// A build for one test target, which scripts/sanitize.sh asks for, has only what that needs.
if let only = Context.environment["CANO_TESTS"] {
    package.targets.removeAll { $0.type == .test && $0.name != only }
}
