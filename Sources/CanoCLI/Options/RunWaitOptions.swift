import ArgumentParser
import CanoBus
import CanoPrimitives

/// Whether a command waits for the end of the run it is about, and where answers go.
struct RunWaitOptions: ParsableArguments {
    @Option(help: "Where answers go: a name, read from the stream PREFIX:replies:NAME.")
    var replyTo: String?

    @Flag(help: "Wait for the run's end.")
    var wait = false

    @Option(name: .customLong("timeout-seconds"), help: "How long to wait.", transform: Duration.seconds(typed:))
    var timeout: Duration?

    // A bridge would reject these names too, but it could not answer: the answer would go to the very name.

    func validate() throws {
        try Self.requireReplyName(replyTo)
    }

    static func requireReplyName(_ name: String?) throws {
        guard let name, !Name.isValid(name) else { return }
        throw ValidationError("The name \"\(name)\" can't be used: choose \(Name.rule).")
    }

    static func requireRunID(_ id: String) throws {
        guard !RunName.isValid(id) else { return }
        throw ValidationError("The id \"\(id)\" can't be used: choose \(RunName.rule).")
    }
}
