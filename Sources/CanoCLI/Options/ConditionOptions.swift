import ArgumentParser
import CanoBus
import CanoClient
import CanoPrimitives
import Foundation

/// Which runs, or commands about them, are meant by their attributes and their time.
struct ConditionOptions: ParsableArguments {
    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("Only those with this attribute; may be given several times.", valueName: "name=value"))
    var conditions: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Only runs that ended, or letters of commands that were rejected, then or later; of runs that have not ended, those that began, or are \
            to: \(TypedMoment.rule).
            """,
            valueName: "moment"))
    var since: String?

    @Option(help: ArgumentHelp("The same before then.", valueName: "moment"))
    var until: String?

    func validate() throws {
        _ = try attributes()
        _ = try period(now: 0)
    }

    /// Whether any of them was given.
    var isGiven: Bool { !conditions.isEmpty || since != nil || until != nil }

    /// The attributes that are meant, each with its text.
    ///
    /// - Throws: `ValidationError`.
    func attributes() throws -> [String: String] {
        var attributes: [String: String] = [:]
        for condition in conditions {
            let (name, value) = try AttributeOptions.pair(typed: condition, option: "--where")
            guard attributes.updateValue(value, forKey: name) == nil else {
                throw ValidationError("--where has the name \"\(name)\" twice, and a run has one value of each name.")
            }
        }
        return attributes
    }

    /// The time that is meant.
    ///
    /// - Parameter now: Milliseconds since 1970.
    /// - Returns: The time.
    /// - Throws: `ValidationError`.
    func period(now: Int64 = Int64(Date().timeIntervalSince1970 * 1_000)) throws -> RunFilter.Period {
        RunFilter.Period(
            from: try since.map { try TypedMoment.milliseconds(typed: $0, option: "--since", now: now) },
            until: try until.map { try TypedMoment.milliseconds(typed: $0, option: "--until", now: now) })
    }
}
