import ArgumentParser
import CanoBridge
import CanoCLI

/// The bridge as a program of its own. Workflows are compiled types, so it can run those that are linked into it: the samples.
@main
struct CanoBridgeProgram: BridgeApplication {
    struct Options: ParsableArguments {
        @Flag(help: "Register the sample workflows numbers and order-fulfilment.")
        var samples = false

        func validate() throws {
            guard samples else {
                throw ValidationError(
                    "This program has no workflows but its samples: add --samples, or link your own workflows into a program of yours.")
            }
        }
    }

    static let commandName = "cano-bridge"

    static func configure(_ host: inout BridgeHost, _ options: Options) async throws {
        try host.registry.register(Numbers.workflow)
        try host.registry.register(OrderFulfilment.workflow)
    }
}
