import CanoBus
import CanoPrimitives
import CanoRedis

/// The keys of scripts that carry out a command about a schedule.
protocol SteeringKeys: ScriptName {
    static var commands: Self { get }
    static var schedule: Self { get }
    static var schedules: Self { get }
    static var events: Self { get }
}

/// Their arguments.
protocol SteeringArguments: RunArguments, ReplyArguments {
    static var group: Self { get }
    static var entry: Self { get }
    static var commandID: Self { get }
    static var time: Self { get }
}

/// A script that carries out a command which names a schedule and says no more about it.
protocol ScheduleSteeringCall: ScriptCall where Key: SteeringKeys, Argument: SteeringArguments {
    associatedtype Command: ScheduleSteering

    var bus: Bus { get }
    var command: Command { get }
    var entry: StreamEntryID { get }
    var stream: InboundStream { get }
    /// Milliseconds since 1970.
    var made: Int64 { get }
}

extension ScheduleSteeringCall {
    func write(_ keys: inout ScriptKeys<Key>) {
        appendShared(to: &keys)
        appendReply(to: &keys)
    }

    /// Adds the keys that come first.
    func appendShared(to keys: inout ScriptKeys<Key>) {
        keys.append(.commands, bus.keys.inbound(stream))
        keys.append(.schedule, bus.keys.schedule(named: command.name))
        keys.append(.schedules, bus.keys.schedules)
        keys.append(.events, bus.keys.events)
    }

    /// Adds the reply stream, where the command asks for an answer: behind all keys that have names.
    func appendReply(to keys: inout ScriptKeys<Key>) {
        if let replyName = command.replyName { keys.append(more: bus.keys.replies(to: replyName)) }
    }

    /// Adds the arguments that come first.
    func appendShared(to arguments: inout ScriptArguments<Argument>) {
        arguments.append(bus.identity(of: command.name, workflow: "", version: "", epoch: 0, trace: command.trace), made: made)
        arguments.append(.group, BusKeys.group)
        arguments.append(.entry, entry.description)
        arguments.append(.commandID, CommandEntryID(entry.description, on: stream).description)
        arguments.append(.time, Timestamp.text(made))
        arguments.append(replies: bus.limits)
    }
}

extension ScheduleSteeringCall where Answer: RawRepresentable, Answer.RawValue == String {
    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
