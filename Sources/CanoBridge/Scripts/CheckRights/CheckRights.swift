import CanoBus
import CanoRedis

/// Finds out which of the commands that a bridge needs its Redis user may not call.
struct CheckRights: ScriptCall {
    enum Key: String, ScriptName { case probe }

    static let script = makeScript("check_rights", PackageResources.check_rights_lua)

    let bus: Bus

    func write(_ keys: inout ScriptKeys<Key>) { keys.append(.probe, bus.keys.probe(of: bus.bridge)) }

    func write(_ arguments: inout ScriptArguments<NoNames>) {}

    /// The commands that are missing, as access control lists name them.
    func answer(_ reply: RESPValue) throws(RedisError) -> [String] {
        guard let denied = reply.arrayValue else { throw Self.unexpected(reply) }
        return denied.compactMap(\.string)
    }
}
