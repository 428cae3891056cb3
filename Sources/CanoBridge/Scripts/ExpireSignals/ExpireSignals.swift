import CanoBus
import CanoRedis

/// Gives up the signals of a run that has not come: they become dead letters.
struct ExpireSignals: ScriptCall {
    enum Key: String, ScriptName {
        case orphans, inbox, record
        case deadLetters = "dead_letters"
    }

    enum Argument: String, ScriptName {
        case bridge, run, code, message
        case endedCode = "ended_code"
        case endedMessage = "ended_message"
    }

    enum Answer: Sendable, Hashable {
        /// So many are dead letters now.
        case expired(Int)
        /// Another has come since, and they are kept for longer.
        case notDue
        /// They were given up already, or are the run's.
        case gone
    }

    static let script = makeScript(
        "expire_signals", PackageResources.expire_signals_lua,
        libraries: [
            ScriptLibrary.ownership, ScriptLibrary.events, ScriptLibrary.severalEntries, ScriptLibrary.entries, ScriptLibrary.inbox,
        ],
        constants: [.answerPrefix])

    let bus: Bus
    let run: String

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.orphans, bus.keys.orphans)
        keys.append(.inbox, bus.keys.inbox(of: run))
        keys.append(.record, bus.keys.record(of: run))
        keys.append(.deadLetters, bus.keys.deadLetters)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.bridge, bus.bridge)
        arguments.append(.run, run)
        arguments.append(.code, RejectionCode.unknownRun.rawValue)
        arguments.append(.message, SignalCommand.unknownRun(run))
        arguments.append(.endedCode, RejectionCode.runOver.rawValue)
        arguments.append(.endedMessage, "The run \"\(run)\" was over before its signals could be its own.")
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        switch (reply.integerValue, reply.string) {
        case (let count?, _): return .expired(Int(count))
        case (_, "not-due"): return .notDue
        case (_, "gone"): return .gone
        default: throw Self.unexpected(reply)
        }
    }
}
