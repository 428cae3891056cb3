import ArgumentParser
import CanoClient
import CanoPrimitives
import CanoRedis
import Foundation

/// The dead letters that something is done about: those that are named, or all that a filter means.
struct DeadLetterSelection: ParsableArguments {
    @Argument(help: "The letters, as list prints them.", transform: letter(typed:))
    var letters: [DeadLetterID] = []

    @OptionGroup var filter: DeadLetterFilterOptions

    @Flag(help: "All letters.")
    var all = false

    @Flag(help: "Print the letters that are meant, and do nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "With --all or a filter: don't ask before it is done.")
    var yes = false

    @OptionGroup var output: OutputOptions

    /// What is done to a letter.
    enum Verb: String {
        case requeue, delete

        /// What becomes of it.
        var outcome: String { rawValue + "d" }
    }

    func validate() throws {
        let isBulk = all || filter.isGiven
        guard letters.isEmpty == isBulk else {
            throw ValidationError(
                isBulk
                    ? "Name letters, or give a filter, not both."
                    : "Name the letters, or say which are meant, with --code, --workflow, --where and so on, or --all.")
        }
        guard !all || !filter.isGiven else { throw ValidationError("Give --all, or a filter, not both.") }
    }

    /// Reads what names a letter.
    static func letter(typed text: String) throws -> DeadLetterID {
        guard let id = DeadLetterID(text) else {
            throw ValidationError("\"\(text)\" names no letter: give what dead-letters list prints, such as 1795480541733-0.")
        }
        return id
    }

    /// Does something with the letters, the oldest first, once that is agreed to. Those that it can't be done with are left where they are.
    ///
    /// - Parameters:
    ///   - verb: What is done to a letter.
    ///   - bus: The bus.
    ///   - act: Does it with some hundreds at the most; why not, of those that it can't be done with.
    /// - Throws: `ValidationError` where there is no terminal to ask on; `ExitCode` when it could not be done with all; ``RedisError``.
    func change(
        _ verb: Verb, on bus: BusClient, _ act: ([ListedDeadLetter]) async throws -> [DeadLetterID: ClientError]
    ) async throws {
        // Those that come while a person thinks about it are not meant.
        let newest = try await bus.newestDeadLetters(count: 1).first?.id
        if dryRun { return try await show(verb, on: bus, through: newest) }
        let isAsking = letters.isEmpty && !yes
        guard !isAsking || Terminal.canAsk else { throw BulkOptions.noTerminal }
        // Only who sees how far it is, or is asked, is worth the time that counting takes.
        let total = letters.isEmpty && Terminal.isError ? try await count(on: bus, through: newest) : nil
        if isAsking, let total, total > 0, !Terminal.confirms("\(verb.rawValue.capitalized) \(Counted.letters(total))?") {
            return StandardError.write("Nothing was done.")
        }
        var bar = ProgressBar(of: total ?? 0, isShown: total ?? 0 > 0)
        var (done, left) = (0, missing(try await bus.deadLetters(named: letters), on: bus))
        try await forEach(on: bus, through: newest) { letters in
            let refused = try await act(letters)
            done += letters.count - refused.count
            left += refused.sorted { $0.key < $1.key }.map(\.value.message)
            bar.show(done + left.count)
        }
        bar.end()
        try tell(verb, done, left)
    }

    /// Why nothing is done with letters that are named and not there.
    private func missing(_ found: [ListedDeadLetter], on bus: BusClient) -> [String] {
        Set(letters).subtracting(found.map(\.id)).sorted().map { bus.missing($0).message }
    }

    private func tell(_ verb: Verb, _ done: Int, _ left: [String]) throws {
        if output.isJSON {
            var text = JSONWriter()
            text.member(verb.rawValue, Int64(done))
            text.member("passed_over", Int64(left.count))
            try StandardOutput.write(text.object)
        } else {
            try StandardOutput.write("\(Counted.letters(done, "was", "were")) \(verb.outcome).")
        }
        for reason in left.prefix(5) { StandardError.write(reason) }
        guard left.isEmpty else {
            StandardError.write("\(Counted.letters(left.count, "was", "were")) passed over.")
            throw ExitCode.failure
        }
    }

    private func count(on bus: BusClient, through newest: DeadLetterID?) async throws -> Int {
        var count = 0
        try await forEach(on: bus, through: newest) { count += $0.count }
        return count
    }

    private func show(_ verb: Verb, on bus: BusClient, through newest: DeadLetterID?) async throws {
        var printer = ListPrinter<ListedDeadLetter>(isJSON: output.isJSON)
        var count = 0
        try await forEach(on: bus, through: newest) { letters in
            for letter in letters {
                count += 1
                if output.isJSON || count <= 20 { try printer.add(letter) }
            }
        }
        try printer.end()
        if let reason = missing(try await bus.deadLetters(named: letters), on: bus).first { StandardError.write(reason) }
        StandardError.write("\(Counted.letters(count)) would be \(verb.outcome). Nothing was done.")
    }

    private func forEach(
        on bus: BusClient, through newest: DeadLetterID?, _ body: ([ListedDeadLetter]) async throws -> Void
    ) async throws {
        guard letters.isEmpty else {
            let found = try await bus.deadLetters(named: letters)
            return found.isEmpty ? () : try await body(found)
        }
        try await bus.forEachDeadLetter(try filter.filter(), through: newest) { letters, _ in
            if !letters.isEmpty { try await body(letters) }
            return true
        }
    }
}
