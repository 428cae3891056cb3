import CanoBridge
import CanoCore
import Foundation
import Testing

@Suite("docs/operations.md", .timeLimit(.minutes(5)))
struct MetricsPageTests {
    /// The rows of its table of metrics.
    private static func rows() throws -> [String] {
        let repository = (1...3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let page = try String(contentsOf: repository.appending(path: "docs/operations.md"), encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("| `cano_") }.map(String.init)
    }

    private static func row(_ metric: CanoMetrics.Description) -> String {
        let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
        return "| `\(metric.name)` | \(metric.kind.rawValue) | \(metric.unit) | \(labels.isEmpty ? "" : labels + " ")| \(metric.help) |"
    }

    @Test("has every metric of a bridge, with what it is, its unit, its labels and what it says, and no other")
    func table() throws {
        #expect(try Self.rows() == BridgeMetrics.catalog.map(Self.row))
    }

    @Test("has names that say the unit, and that no other metric has")
    func names() {
        let catalog = BridgeMetrics.catalog
        #expect(Set(catalog.map(\.name)).count == catalog.count)
        for metric in catalog {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.buckets.isEmpty == (metric.kind != .histogram), "\(metric.name)")
            #expect(metric.buckets == metric.buckets.sorted(), "\(metric.name)")
            #expect(metric.kind != .histogram || metric.unit == "seconds", "\(metric.name)")
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
        }
    }
}
