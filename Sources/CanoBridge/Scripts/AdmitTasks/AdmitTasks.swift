import CanoBus
import CanoRedis

/// Puts tasks that are held back on their queue, where that has room for them.
///
/// Each script that takes a task off a queue does so as well. What is left are entries that went another way, with `XDEL` by hand for instance.
struct AdmitTasks: ScriptCall {
    typealias Key = NoNames
    typealias Argument = NoNames

    static let script = makeScript(
        "admit_tasks", PackageResources.admit_tasks_lua, libraries: [ScriptLibrary.taskQueues], constants: [.workers, .queueKeys])

    let keys: BusKeys
    let queue: String

    func write(_ keys: inout ScriptKeys<Key>) { for key in self.keys.keys(ofQueue: queue) { keys.append(more: key) } }

    func write(_ arguments: inout ScriptArguments<Argument>) {}

    /// How many were put there.
    func answer(_ reply: RESPValue) throws(RedisError) -> Int {
        guard let number = reply.integerValue else { throw Self.unexpected(reply) }
        return Int(number)
    }
}
