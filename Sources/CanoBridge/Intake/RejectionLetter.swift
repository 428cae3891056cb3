import CanoPrimitives
import CanoRedis
import Foundation

/// Writes the script call that rejects a command, or that answers it when its run is known.
struct RejectionLetter: Sendable {
    let bus: BusKeys
    let bridge: String
    let limits: BusLimits

    /// Which commands the call consumes.
    enum Scope: Sendable {
        /// All: it is rejected unless its run is known already.
        case rejecting
        /// Only one whose run is known: another stays where it is.
        case answeringKnownRun
    }

    func call(
        for rejection: Rejection, of entry: StreamEntry, from stream: CommandParser.Stream, scope: Scope = .rejecting, now: Int64
    ) -> RedisScriptCall {
        let addressee = rejection.addressee
        var keys = [
            bus.inbound(stream), bus.deadLetters, bus.events, bus.record(of: addressee.run ?? ""),
        ]
        if let name = addressee.replyName { keys.append(bus.replies(to: name)) }

        var call = RedisScriptCall(BusScript.reject, keys: keys)
        call.append(bridge)
        call.append(0)
        call.append(bus.eventSource + (addressee.workflow ?? ""))
        call.append(addressee.run ?? entry.id.description)
        call.append(addressee.workflow ?? "")
        call.append(addressee.traceparent)
        call.append(now)
        call.append(BusKeys.group)
        call.append(entry.id.description)
        call.append(rejection.code.rawValue)
        call.append(rejection.message)
        call.append(Timestamp.text(now))
        call.append(Self.eventData(rejection, entry))
        switch scope {
        case .answeringKnownRun: call.append("only-known")
        case .rejecting: call.append(rejection.yieldsToKnownRun && addressee.run != nil ? "known" : "any")
        }
        call.append(bus.eventSource)
        call.append(addressee.input)
        call.append(addressee.replyName ?? "")
        call.append(limits.replyLength)
        call.append(limits.replyRetention.wholeMilliseconds)
        call.append(CommandParser.maximumFieldCount)
        call.append(rejection.isStart ? 1 : 0)
        return call
    }

    private static func eventData(_ rejection: Rejection, _ entry: StreamEntry) -> String {
        var command = JSONWriter()
        for (name, value) in entry.fields.prefix(CommandParser.maximumFieldCount) {
            command.member(String(decoding: name.prefix(BusLimits.rejectedValueBytes), as: UTF8.self), json: json(value))
        }
        var data = JSONWriter()
        data.member("code", rejection.code.rawValue)
        data.member("message", rejection.message)
        data.member("entry", entry.id.description)
        data.member("command", json: command.object)
        return data.object
    }

    /// A value cut to what an event may carry: text where it is text, else its bytes.
    private static func json(_ value: RESPBytes) -> String {
        guard String(validating: value, as: UTF8.self) != nil else {
            var bytes = JSONWriter()
            bytes.member("base64", Data(value.prefix(BusLimits.rejectedValueBytes)).base64EncodedString())
            return bytes.object
        }
        var kept = value.prefix(BusLimits.rejectedValueBytes)
        // A character that the cut would split is left out whole.
        while kept.count < value.count, !kept.isEmpty, value[kept.endIndex] & 0b1100_0000 == 0b1000_0000 {
            kept = kept.dropLast()
        }
        return JSONWriter.string(String(decoding: kept, as: UTF8.self))
    }
}
