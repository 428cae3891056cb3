/// How the resources of a workflow, or of all workflows of a host, are: what readiness is decided by.
///
/// ```swift
/// var report = HealthReport()
/// for (name, resources) in hosted { report.add(await resources.checkHealth(), of: name) }
/// answer(report.isReady ? 200 : 503, report.description)
/// ```
public struct HealthReport: Sendable, Hashable {
    /// What one resource answered.
    public struct Entry: Sendable, Hashable {
        /// The resource's name; in a report of several workflows `workflow/resource`.
        public let resource: String
        /// Its answer.
        public let status: HealthStatus

        /// Creates an entry.
        public init(resource: String, status: HealthStatus) {
            self.resource = resource
            self.status = status
        }
    }

    /// The answers, in the order the resources were inserted.
    public private(set) var entries: [Entry]

    /// Creates a report.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Adds the report of one workflow's resources.
    public mutating func add(_ report: HealthReport, of workflow: String) {
        entries += report.entries.map { Entry(resource: "\(workflow)/\($0.resource)", status: $0.status) }
    }

    /// Asks all workflows of a host at the same time.
    ///
    /// - Parameter hosted: Their names, and what asks their resources.
    /// - Returns: The answers in the order of the workflows, named `workflow/resource`.
    package static func asking(_ hosted: [(name: String, ask: @Sendable () async -> HealthReport)]) async -> HealthReport {
        let reports = await withTaskGroup(of: (Int, HealthReport).self) { group in
            for (index, workflow) in hosted.enumerated() { group.addTask { (index, await workflow.ask()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        var all = HealthReport()
        for (index, workflow) in hosted.enumerated() {
            if let report = reports[index] { all.add(report, of: workflow.name) }
        }
        return all
    }

    /// What the resource of that name answered; `nil` when there is none, or none that can be asked.
    public subscript(resource: String) -> HealthStatus? { entries.first { $0.resource == resource }?.status }

    /// The worst answer, the first of equally bad ones; healthy when no resource was asked.
    public var overall: HealthStatus {
        entries.reduce(.healthy) { worst, entry in entry.status.severity > worst.severity ? entry.status : worst }
    }

    /// Whether a host that needs these resources should be sent work. A degraded resource still does its part: it is shown,
    /// and only an unhealthy one keeps work away.
    public var isReady: Bool { !entries.contains { if case .unhealthy = $0.status { true } else { false } } }
}

extension HealthReport: CustomStringConvertible {
    /// `healthy`, or what isn't, such as `degraded: orders/payments (slow), orders/stock (cold)`, the worst kind first.
    public var description: String {
        let unhealthy = entries.compactMap { if case .unhealthy(let reason) = $0.status { "\($0.resource) (\(reason))" } else { nil } }
        let degraded = entries.compactMap { if case .degraded(let reason) = $0.status { "\($0.resource) (\(reason))" } else { nil } }
        let parts = [("unhealthy", unhealthy), ("degraded", degraded)].filter { !$0.1.isEmpty }
        return parts.isEmpty ? "healthy" : parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
    }
}
