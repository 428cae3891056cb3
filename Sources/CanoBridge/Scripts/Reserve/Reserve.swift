import CanoBus
import CanoRedis

/// Reserves schedules that are due for this bridge.
struct Reserve: ScriptCall {
    enum Key: String, ScriptName { case schedules }

    enum Argument: String, ScriptName {
        case most
        case time = "reserve_ms"
    }

    struct Answer: Sendable {
        /// Redis' time, in milliseconds since 1970.
        let time: Int64
        /// When the next schedule is due; nil when there is none.
        let next: Double?
        /// The names of those that are reserved.
        let due: [String]
    }

    static let script = makeScript("reserve", PackageResources.reserve_lua, libraries: [ScriptLibrary.ownership])

    let keys: BusKeys
    /// How many at most.
    let most: Int
    /// How long they are this bridge's to fire.
    let time: Duration

    func write(_ names: inout ScriptKeys<Key>) { names.append(.schedules, keys.schedules) }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.most, most)
        arguments.append(.time, time)
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let parts = reply.arrayValue, parts.count == 3, let time = parts[0].integerValue, let next = parts[1].string,
            let due = parts[2].arrayValue
        else { throw Self.unexpected(reply) }
        return Answer(time: time, next: Double(next), due: due.compactMap(\.string))
    }
}
