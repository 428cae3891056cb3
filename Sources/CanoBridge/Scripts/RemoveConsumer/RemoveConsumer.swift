import CanoBus
import CanoRedis

/// Removes a consumer that has nothing pending and has not asked for anything for long.
///
/// Removing a consumer gives up what it has pending, so that it has nothing is looked at in the same step.
struct RemoveConsumer: ScriptCall {
    enum Key: String, ScriptName { case stream }

    enum Argument: String, ScriptName {
        case group, consumer
        case idle = "idle_ms"
    }

    static let script = makeScript("remove_consumer", PackageResources.remove_consumer_lua)

    let stream: String
    var group = BusKeys.group
    let consumer: String
    /// How long it has asked for nothing, at least.
    let idle: Duration

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.stream, stream) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.group, group)
        arguments.append(.consumer, consumer)
        arguments.append(.idle, idle)
    }

    /// Whether it was removed.
    func answer(_ reply: RESPValue) throws(RedisError) -> Bool {
        guard let number = reply.integerValue else { throw Self.unexpected(reply) }
        return number == 1
    }
}
