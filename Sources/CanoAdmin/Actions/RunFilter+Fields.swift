import CanoBus
import CanoClient

extension RunFilter {
    /// The fields that say which of the listed runs are meant.
    static let fields = ["status", "workflow", "version", "attribute", "since"]
    static let times: [RecentTime] = [.hour, .day, .week]
    static let statusNames = RunStatus.allCases.filter { listed.contains($0) }.map(\.rawValue)

    /// Reads them.
    ///
    /// - Throws: ``RequestProblem`` with the status 400; `RedisError`.
    static func read(_ query: FormFields, on bus: BusClient) async throws -> RunFilter {
        var filter = RunFilter(workflow: query["workflow"], version: query["version"])
        if let text = query["status"] {
            guard let status = RunStatus(rawValue: text), listed.contains(status) else {
                throw RequestProblem(400, "\"\(text)\" is no status of runs that are listed: give \(statusNames.joined(separator: ", ")).")
            }
            filter.statuses = [status]
        }
        if let (name, value) = try query.attribute { filter.attributes = [name: value] }
        if let time = try query.since(times) { filter.dated.from = try await bus.now() - time.milliseconds }
        return filter
    }
}
