import CanoPrimitives
import CanoRedis

/// Writes the script call that carries out a cancel command.
struct CancelLetter: Sendable {
    let bus: BusKeys
    let bridge: String
    let limits: BusLimits

    /// - Parameters:
    ///   - command: The command.
    ///   - entry: Its entry.
    ///   - stream: Where it was read.
    ///   - replyNames: The reply streams of the run that the script may write to, besides the command's own.
    ///   - now: Milliseconds since 1970.
    /// - Returns: The call.
    func call(
        for command: CancelCommand, entry: StreamEntryID, from stream: CommandParser.Stream, replyNames: String, now: Int64
    ) -> RedisScriptCall {
        var keys = [
            bus.inbound(stream), bus.record(of: command.run), bus.cancellation(of: command.run), bus.events, bus.timers,
        ]
        if let name = command.replyName { keys.append(bus.replies(to: name)) }
        var call = RedisScriptCall(BusScript.cancel, keys: keys + bus.replies(toEach: replyNames))
        call.append(bridge)
        call.append(bus.eventSource)
        call.append(command.run)
        call.append(now)
        call.append(BusKeys.group)
        call.append(entry.description)
        call.append(command.reason)
        call.append(Timestamp.text(now))
        call.append(command.replyName ?? "")
        call.append(replyNames)
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        call.append(limits.retention.wholeMilliseconds)
        return call
    }
}
