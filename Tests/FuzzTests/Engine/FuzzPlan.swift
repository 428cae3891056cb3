import Foundation

/// How many inputs are tried, and which: the same few in each run of the tests, others and for longer under `make fuzz`.
struct FuzzPlan: Sendable {
    /// The first input's seed; the seeds of the others follow it.
    let seed: UInt64
    /// How many inputs are tried; nil leaves it to the time or, without one, to the fuzzer.
    let inputs: Int?
    /// How long a fuzzer goes on; nil leaves it to the number.
    let time: Duration?
    /// The one fuzzer that is to run; nil for all.
    let only: String?

    /// What the environment asks for.
    static let current = FuzzPlan(ProcessInfo.processInfo.environment)

    init(_ environment: [String: String]) {
        seed = environment["CANO_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1
        inputs = environment["CANO_FUZZ_INPUTS"].flatMap { Int($0) }
        time = inputs == nil ? environment["CANO_FUZZ_SECONDS"].flatMap { Int($0) }.map { .seconds($0) } : nil
        only = environment["CANO_FUZZ_ONLY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a suite's time limit has to be.
    var minutes: Int { 2 + Int((time ?? .zero) / .seconds(60)) }
}
