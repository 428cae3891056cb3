import CanoBus
import CanoRedis

/// The arguments that every script about one run begins with: who owns it, and what stands on its events.
protocol RunArguments: ScriptName {
    static var bridge: Self { get }
    static var epoch: Self { get }
    static var source: Self { get }
    static var run: Self { get }
    static var workflow: Self { get }
    static var traceparent: Self { get }
    /// When the call was made, in milliseconds since 1970.
    static var made: Self { get }
}

extension ScriptArguments where Name: RunArguments {
    mutating func append(_ run: RunIdentity, made: Int64) {
        append(.bridge, run.bridge)
        append(.epoch, run.epoch)
        append(.source, run.source)
        append(.run, run.run)
        append(.workflow, run.workflow)
        append(.traceparent, run.trace.parent)
        append(.made, made)
    }
}

/// The arguments of scripts that answer on reply streams.
protocol ReplyArguments: ScriptName {
    static var replyLength: Self { get }
    static var replyRetention: Self { get }
}

extension ScriptArguments where Name: ReplyArguments {
    mutating func append(replies limits: BusLimits) {
        append(.replyLength, limits.replyLength)
        append(.replyRetention, limits.replyRetention)
    }
}
