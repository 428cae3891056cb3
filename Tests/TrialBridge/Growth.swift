import CanoCore

/// How much a run of `trial-growth` has to carry.
struct Burden: Codable, Sendable {
    /// How many states come before the last one, up to 27.
    let states: Int
    /// How long the value is that its first state leaves in the store, in bytes.
    let storeBytes: Int
    /// Looked at by nobody: it makes the input as long as you like.
    let padding: String?

    enum CodingKeys: String, CodingKey {
        case states
        case storeBytes = "store_bytes"
        case padding
    }
}

enum GrowthStep: String, WorkflowState, CaseIterable {
    typealias Input = Burden
    typealias Output = Int

    case s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, s17, s18, s19, s20, s21, s22, s23, s24, s25, s26, s27
    case done

    /// The state behind it, in a run of so many.
    func next(of states: Int) -> Self {
        let all = Self.allCases, place = all.distance(from: all.startIndex, to: all.firstIndex(of: self) ?? all.endIndex) + 1
        return place < min(states, all.count - 1) ? all[all.index(all.startIndex, offsetBy: place)] : .done
    }
}

/// A chain as long, with a store as large, as its input says. Each state changes one small value beside the large one.
func trialGrowth(version: String) -> Workflow<GrowthStep> {
    Workflow("trial-growth", version: version, startingAt: .s1) { state in
        guard state != .done else { return .exit { run in try await run.store.require(.passed) } }
        return .task(state.label, config: .minimal) { context in
            if state == .s1 {
                // Repeating a text costs ten times what storing it does.
                let ballast = String(decoding: [UInt8](repeating: UInt8(ascii: "x"), count: context.input.storeBytes), as: UTF8.self)
                try await context.store.put(ballast, for: .ballast)
            }
            _ = try await context.store.increment(.passed, by: 1)
            return state.next(of: context.input.states)
        }
    }
}

extension StoreKey<String> {
    fileprivate static var ballast: Self { "ballast" }
}

extension StoreKey<Int> {
    fileprivate static var passed: Self { "passed" }
}
