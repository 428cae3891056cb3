import CanoClient

extension DeadLetterFilter {
    /// The fields that say which dead letters are meant.
    static let fields = ["code", "workflow", "attribute", "since"]
    static let times: [RecentTime] = [.hour, .day, .week, .month]

    /// Reads them.
    ///
    /// - Throws: ``RequestProblem`` with the status 400; `RedisError`.
    static func read(_ query: FormFields, on bus: BusClient) async throws -> DeadLetterFilter {
        var filter = DeadLetterFilter(code: query["code"], workflow: query["workflow"])
        if let (name, value) = try query.attribute { filter.attributes = [name: value] }
        if let time = try query.since(times) { filter.period.from = try await bus.now() - time.milliseconds }
        return filter
    }
}
