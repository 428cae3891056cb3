import CanoTesting
import Foundation
import Testing

/// Tries a property on many inputs, each of which its seed makes again.
///
/// A trap ends the process, and with it the test. So an input is on the disk, in `.build/fuzz`, while it is tried.
struct Fuzzer<Input> {
    /// What it is called, on the disk and in reports.
    let name: String
    /// How many inputs the tests try.
    let inputs: Int
    /// The input as it is written in Swift, to be kept as a case.
    let literal: (Input) -> String
    let make: (inout SeededGenerator) -> Input

    /// No input may take longer: far more than the slowest do, also on a busy machine.
    private static var patience: Duration { .seconds(10) }

    /// Tries inputs until one is found for which the property does not hold, which is an issue of the test.
    ///
    /// - Parameters:
    ///   - plan: Which inputs, and how many.
    ///   - check: Throws ``Finding`` when the property does not hold.
    /// - Throws: When an input can't be put on the disk.
    func run(under plan: FuzzPlan = .current, _ check: (Input) throws -> Void) async throws {
        guard plan.only == nil || plan.only == name else { return }
        let last = try LastInput(of: name)
        let clock = ContinuousClock()
        let start = clock.now
        var resumed = start
        var tried: UInt64 = 0
        while plan.time.map({ clock.now - start < $0 }) ?? (tried < plan.inputs ?? inputs) {
            let seed = plan.seed &+ tried
            var random = SeededGenerator(seed: seed)
            let input = make(&random)
            let text = "seed \(seed): \(literal(input))"
            try last.write(text)
            let began = clock.now
            do {
                try check(input)
            } catch {
                Issue.record("\(name), \(error)\n\(text)\nagain: make fuzz only=\(name) seed=\(seed) inputs=1")
                return
            }
            let took = clock.now - began
            if took > Self.patience { Issue.record("\(name) took \(took)\n\(text)") }
            tried += 1
            // Other tests run side by side, and there are few threads to share.
            guard clock.now - resumed > .milliseconds(10) else { continue }
            await Task.yield()
            resumed = clock.now
        }
        last.remove()
        if plan.time != nil { print("\(name): \(tried) inputs from seed \(plan.seed) on") }
    }
}

/// A property that does not hold.
struct Finding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The input that is being tried, on the disk.
private struct LastInput {
    private let file: URL
    private let handle: FileHandle

    init(of name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/fuzz")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = folder.appending(path: name)
        try Data().write(to: file)
        handle = try FileHandle(forWritingTo: file)
    }

    func write(_ text: String) throws {
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
    }

    /// Nothing is wrong with it.
    func remove() {
        do { try FileManager.default.removeItem(at: file) } catch { Issue.record(error) }
    }
}
