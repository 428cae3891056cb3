import CanoBus
import CanoPrimitives
import CanoRedis
import Logging
import Synchronization

/// Publishes the graphs of the workflows that a bridge has: at its start, and again where they are gone, as after Redis has lost its data.
///
/// Of bridges that have the same version of a workflow and another graph of it, that of the one counts that started last.
final class PublishedGraphs: Sendable {
    private let bus: Bus
    private let graphs: [(name: String, json: String)]
    private let isBegun = Mutex(false)

    init(_ bus: Bus, registry: WorkflowRegistry) {
        self.bus = bus
        graphs = registry.all.compactMap { workflow in
            let json = GraphRecord(workflow).json
            guard json.utf8.count <= BusLimits.graphBytes else {
                bus.logger.warning(
                    "the graph of a workflow is too large to be published",
                    metadata: [
                        "workflow": "\(workflow.name)", "version": "\(workflow.version)", "bytes": "\(json.utf8.count)",
                        "most": "\(BusLimits.graphBytes)",
                    ])
                return nil
            }
            return (BusKeys.knownMember(workflow.name, version: workflow.version), json)
        }
    }

    /// Looks once.
    ///
    /// - Throws: ``RedisError``.
    func look() async throws(RedisError) {
        do {
            if isBegun.withLock({ $0 }) {
                let missing = Set(try await keep(graphs.map { ($0.name, nil) }))
                guard !missing.isEmpty else { return }
                _ = try await keep(graphs.filter { missing.contains($0.name) }.map { ($0.name, $0.json) })
            } else {
                _ = try await keep(graphs.map { ($0.name, $0.json) })
                isBegun.withLock { $0 = true }
            }
        } catch {
            guard error.serverError?.code == "WRONGTYPE" else { throw error }
            await bus.wrongKeys.report(among: [bus.keys.graphs, bus.keys.known], after: error, on: bus.redis)
        }
    }

    private func keep(_ graphs: [(name: String, json: String?)]) async throws(RedisError) -> [String] {
        let call = KeepGraphs(keys: bus.keys, graphs: graphs)
        return try call.answer(try await bus.redis.evaluate(call.encoded))
    }
}
