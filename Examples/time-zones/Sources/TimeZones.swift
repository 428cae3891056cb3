import ArgumentParser
import CanoBridge
import CanoCLI
import CanoCore

/// A bridge with the workflow `clock-table`.
@main
struct TimeZones: BridgeApplication {
    struct Options: ParsableArguments {
        @Option(help: "The folder with iso3166.tab and tzdata.zi.")
        var data = "Examples/time-zones/data"
    }

    static let commandName = "time-zones"

    static func configure(_ host: inout BridgeHost, _ options: Options) async throws {
        try host.registry.register(clockTable(with: AtlasResource(folder: options.data)))
    }
}
