import CanoBus
import CanoRedis

/// Takes a name off lists, unless there is what they say that it names.
struct Forget: ScriptCall {
    enum Key: String, ScriptName { case subject }
    enum Argument: String, ScriptName { case name }

    enum Answer: String, Sendable {
        case forgotten
        /// There is what it names: nothing was written.
        case known
    }

    enum FieldItem: String, ScriptItem {
        case name, value

        static let item = "field"
    }

    static let script = makeScript("forget", PackageResources.forget_lua, items: [FieldItem.self])

    let name: String
    /// The key of what it names.
    let subject: String
    /// The sorted sets it is listed in.
    let lists: [String]
    /// What its fields are where it is what these lists are of; an empty value stands for none.
    var unless: [(Field, String)] = []

    func write(_ keys: inout ScriptKeys<Key>) {
        keys.append(.subject, subject)
        for list in lists { keys.append(more: list) }
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(.name, name)
        arguments.append(list: FieldItem.self, count: unless.count) { list in
            for (field, value) in unless {
                list.append(.name, field.rawValue)
                list.append(.value, value)
            }
        }
    }

    func answer(_ reply: RESPValue) throws(RedisError) -> Answer {
        guard let answer = reply.string.flatMap({ Answer(rawValue: $0) }) else { throw Self.unexpected(reply) }
        return answer
    }
}
