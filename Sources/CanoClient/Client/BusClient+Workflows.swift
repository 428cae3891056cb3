import CanoBus
public import CanoCore

/// The workflows of the bus.
extension BusClient {
    /// The workflows that bridges have or have had, by name and version, with the bridges that have them now and the runs that are not over. Of
    /// those that no bridge has any more the latest 1,000 are known.
    ///
    /// - Returns: The workflows, each with its bridges and runs on all shards.
    /// - Throws: `RedisError`.
    public func workflows() async throws -> [ServedWorkflow] {
        ServedWorkflow.merged(try await onEachShard { try await $0.workflows() })
    }

    /// The graph of a workflow, as the bridge has published it that started last and has it. It draws itself, as `WorkflowGraph.mermaid`.
    ///
    /// - Parameters:
    ///   - workflow: The workflow's name.
    ///   - version: Its version.
    /// - Returns: The graph; nil where no bridge has had this version, or its graph is longer than the 64 KiB that are published.
    /// - Throws: `BusError` with the code `invalidName`, or `unreadableGraph` when it is damaged; `RedisError`.
    public func graph(of workflow: String, version: String) async throws -> WorkflowGraph? {
        for name in [workflow, version] { try Self.require(name: name) }
        // A bridge publishes it on every shard.
        for client in clients {
            if let graph = try await client.ask({ try await $0.graph(of: workflow, version: version) }) { return graph }
        }
        return nil
    }

    /// The same, as the shard of a run has it.
    package func graph(of workflow: String, version: String, ofRun run: String) async throws -> WorkflowGraph? {
        for name in [workflow, version] { try Self.require(name: name) }
        return try await onShard(ofRun: run) { try await $0.graph(of: workflow, version: version) }
    }
}
