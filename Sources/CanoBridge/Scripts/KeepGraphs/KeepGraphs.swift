import CanoBus
import CanoRedis

/// Keeps the graphs of the workflows that a bridge has.
struct KeepGraphs: ScriptCall {
    enum Key: String, ScriptName { case graphs, known }
    typealias Argument = NoNames

    enum GraphItem: String, ScriptItem {
        case name, json

        static let item = "graph"
    }

    static let script = makeScript(
        "keep_graphs", PackageResources.keep_graphs_lua, items: [GraphItem.self],
        constants: [ScriptConstant("most_known", BusLimits.knownWorkflows)])

    let keys: BusKeys
    /// The workflows in their versions, as ``BusKeys/knownMember(_:version:)`` names them, each with its graph; nil asks whether there is one.
    let graphs: [(name: String, json: String?)]

    func write(_ names: inout ScriptKeys<Key>) {
        names.append(.graphs, keys.graphs)
        names.append(.known, keys.known)
    }

    func write(_ arguments: inout ScriptArguments<Argument>) {
        arguments.append(list: GraphItem.self, count: graphs.count) { list in
            for (name, json) in graphs {
                list.append(.name, name)
                list.append(.json, json)
            }
        }
    }

    /// The names of those that there is no graph of.
    func answer(_ reply: RESPValue) throws(RedisError) -> [String] {
        guard let missing = reply.arrayValue else { throw Self.unexpected(reply) }
        return missing.compactMap(\.string)
    }
}
