import ArgumentParser

/// Whether a signal waits until a bridge has taken it, and where its answer goes.
struct SignalWaitOptions: ParsableArguments {
    @Option(help: "Where the answer goes: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait until a bridge has taken it, and print what became of it.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait. (default: 40)", transform: Duration.seconds(typed:))
    var timeout = Duration.seconds(40)

    func validate() throws {
        try RunWaitOptions.requireReplyName(replyTo)
    }
}
