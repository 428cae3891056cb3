import CanoCore
import Foundation

/// The states of `clock-table`: which parts there are, each part by itself, and one table of them all.
enum ClockTableStep: String, WorkflowState, CaseIterable {
    typealias Input = Job
    typealias Output = Summary
    case cut, convert, join, done
}

/// Some lines of the table. What is handed on is where they are, not the lines: they are read again by the branch that needs them.
struct Part: Codable, Sendable {
    let first: Int
    let count: Int
}

/// What one part came to. Its clocks are in a file.
struct Converted: Codable, Sendable {
    let file: String
    let clocks: Int
    let changing: Int
    let countries: Set<String>
    let rejected: [Rejection]
}

extension ResourceKey<AtlasResource> { static var atlas: Self { "atlas" } }

/// Makes a table of the world's clocks from a table of time zones, 64 rows at a time.
func clockTable(with atlas: AtlasResource) -> Workflow<ClockTableStep> {
    Workflow("clock-table", startingAt: .cut, resources: Resources().inserting(atlas, for: .atlas)) { state in
        switch state {
        case .cut:
            .step(then: .convert) { context in
                let count = try context.input.lines().count
                return stride(from: 0, to: count, by: 64).map { Part(first: $0, count: min(64, count - $0)) }
            }
        case .convert:
            .each("part", join: JoinConfig(bulkhead: 2), taking: [Part].self, then: .join) { part, context in
                let converted = try convert(part, of: context.input, by: try await context[.atlas].atlas)
                // For those who want to pull the plug in the middle.
                try await context.sleep(for: .milliseconds(context.input.pauseMilliseconds ?? 0))
                return converted
            } reduce: { parts, _ in
                parts.outputs
            }
        case .join:
            .step(taking: [Converted].self, then: .done) { parts, context in
                try join(parts, of: context.input, by: try await context[.atlas].atlas)
            }
        case .done: .exit(taking: Summary.self) { summary, _ in summary }
        }
    }
}

/// Converts one part into a file of its own. The same file when it is done again after a crash.
private func convert(_ part: Part, of job: Job, by atlas: Atlas) throws -> Converted {
    var clocks: [Clock] = []
    var rejected: [Rejection] = []
    for (number, line) in try job.lines().dropFirst(part.first).prefix(part.count) {
        do throws(Rejection) {
            clocks += try ZoneRow(line, at: number, knownTo: atlas).clocks(by: atlas)
        } catch {
            // One bad row spoils no table: it is reported with the others.
            rejected.append(error)
        }
    }
    let file = "part-\(part.first).csv"
    try job.write(clocks.map(\.csv), to: file)
    return Converted(
        file: file, clocks: clocks.count, changing: clocks.count(where: \.isChanging), countries: Set(clocks.map(\.country)),
        rejected: rejected)
}

/// Puts the parts together. They stay where they are: after a crash they are put together again.
private func join(_ parts: [Converted], of job: Job, by atlas: Atlas) throws -> Summary {
    let rejected = parts.flatMap(\.rejected)
    let rows = try job.lines().count
    guard 10 * rejected.count <= rows else { throw TooManyRejected(rejected: rejected, rows: rows) }
    let clocks = try parts.flatMap { try job.read($0.file) }
    try job.write([Clock.header] + clocks.sorted(), to: "clocks.csv")
    try job.write(rejected.map(\.description), to: "rejected.txt")
    let countries = parts.reduce(into: Set()) { $0.formUnion($1.countries) }
    return Summary(
        rows: rows, clocks: clocks.count, changing: parts.map(\.changing).reduce(0, +), countries: countries.count,
        rejected: rejected.count,
        without: atlas.countries.filter { !countries.contains($0.key) }.map(\.value).sorted())
}
