import ArgumentParser
import CanoBus
import CanoClient
import CanoPrimitives
import Foundation

/// Which of the listed runs a command is about.
struct RunFilterOptions: ParsableArguments {
    @Option(
        name: .customLong("status"),
        help: ArgumentHelp(
            """
            Only runs of this status; may be given several times: failed, running, waiting, scheduled, or cancelled for those that could not be \
            undone whole.
            """),
        completion: .list(RunFilter.listed.map(\.rawValue).sorted()))
    var statuses: [String] = []

    @Option(help: "Only runs of this workflow.")
    var workflow: String?

    @Option(help: "Only runs of this version of it.")
    var version: String?

    @OptionGroup var conditions: ConditionOptions

    func validate() throws {
        _ = try filter(now: 0)
    }

    /// Whether any of them was given.
    var isGiven: Bool {
        !statuses.isEmpty || workflow != nil || version != nil || conditions.isGiven
    }

    /// What they say.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: The filter.
    /// - Throws: `ValidationError`.
    func filter(now: Int64 = Int64(Date().timeIntervalSince1970 * 1_000)) throws -> RunFilter {
        var filter = RunFilter(try readStatuses(), workflow: workflow, version: version)
        for name in [workflow, version].compactMap(\.self) where !Name.isValid(name) {
            throw ValidationError("The name \"\(name)\" can't be used: choose \(Name.rule).")
        }
        filter.dated = try conditions.period(now: now)
        filter.attributes = try conditions.attributes()
        return filter
    }

    private func readStatuses() throws -> Set<RunStatus> {
        Set(
            try statuses.map { text in
                guard let status = RunStatus(rawValue: text) else {
                    throw ValidationError("--status is \"\(text)\": choose one of \(Self.choices).")
                }
                guard RunFilter.listed.contains(status) else {
                    throw ValidationError(
                        "Runs that are \(text) are in no list: look at events, or at a run by its id. --status is one of \(Self.choices).")
                }
                return status
            })
    }

    private static let choices = RunFilter.listed.map(\.rawValue).sorted().joined(separator: ", ")
}
