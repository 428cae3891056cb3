extension Resources {
    /// Asks every shared resource how it is, all at the same time. Values made per run are not asked.
    ///
    /// - Parameters:
    ///   - limit: How long an answer may take. A resource without one by then is unhealthy, and its check is left to itself.
    ///   - runtime: The clock.
    /// - Returns: The answers in the order the resources were inserted; those without a lifecycle give none.
    public func checkHealth(within limit: Duration = .seconds(5), in runtime: WorkflowRuntime = .standard) async -> HealthReport {
        let answers = await withTaskGroup(of: (Int, HealthReport.Entry).self) { group in
            for (index, entry) in managed.enumerated() {
                group.addTask {
                    (index, .init(resource: entry.name, status: await entry.resource.health(within: limit, in: runtime)))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return HealthReport(answers.sorted { $0.0 < $1.0 }.map(\.1))
    }
}

extension Resource {
    /// The resource's answer, or that it gave none in time.
    func health(within limit: Duration, in runtime: WorkflowRuntime) async -> HealthStatus {
        let attempt = TimedAttempt(runtime: runtime, abandonAfter: .zero)
        switch await attempt.run(timeout: limit, { await health() }) {
        case .returned(.success(let status)): return status
        case .returned(.failure(let error)): return .unhealthy("\(error)")
        case .timedOut, .abandoned: return .unhealthy("no answer within \(limit)")
        }
    }
}
