// swift-tools-version: 6.2
import PackageDescription

// A package of its own: what it needs never reaches those who depend on Cano.
let isStrict = Context.environment["CANO_STRICT"] != nil

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "cano", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "engine",
            dependencies: [
                .product(name: "CanoCore", package: "cano")
            ],
            path: "Engine",
            swiftSettings: swiftSettings
        )
    ]
)
