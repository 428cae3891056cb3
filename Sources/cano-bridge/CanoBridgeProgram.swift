import ArgumentParser
import CanoBridge
import CanoCLI
import CanoCore

/// The bridge as a program of its own. Workflows are compiled types, so it can run those that are linked into it: the samples.
@main
struct CanoBridgeProgram: BridgeApplication {
    struct Options: ParsableArguments {
        @Flag(help: "Register the sample workflows numbers, order-fulfilment, approval, naps, remote-steps, remote-each and family.")
        var samples = false
    }

    static let commandName = "cano-bridge"

    static func configure(_ host: inout BridgeHost, _ options: Options) async throws {
        guard options.samples else {
            throw ValidationError(
                "This program has no workflows but its samples: add --samples, or link your own workflows into a program of yours.")
        }
        try host.registry.register(Numbers.workflow)
        try host.registry.register(OrderFulfilment.workflow)
        try host.registry.register(Approval.workflow)
        try host.registry.register(Naps.workflow)
        try host.registry.register(RemoteSteps.workflow)
        try host.registry.register(RemoteEach.workflow)
        try host.registry.register(Family.workflow)
    }
}
