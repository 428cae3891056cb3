import CanoCore

/// Waits for a person: for the first of the signals `approved` and `rejected`, or for time to pass.
enum Approval {
    enum Step: String, WorkflowState, CaseIterable {
        typealias Input = Request
        typealias Output = Result
        case ask, decided, unanswered
    }

    struct Request: Codable, Sendable {
        let title: String
        let withinMilliseconds: Int?

        enum CodingKeys: String, CodingKey {
            case title
            case withinMilliseconds = "within_ms"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            title = try container.decode(String.self, forKey: .title)
            withinMilliseconds = try container.decodeIfPresent(Int.self, forKey: .withinMilliseconds)
            guard withinMilliseconds ?? 0 >= 0 else {
                throw DecodingError.dataCorruptedError(
                    forKey: .withinMilliseconds, in: container, debugDescription: "\(withinMilliseconds ?? 0) is less than nothing.")
            }
        }
    }

    struct Result: Codable, Sendable {
        let decision: String
        let data: JSON
    }

    /// As long as a person has who is given no time.
    private static let day = 86_400_000

    static let workflow = Workflow<Step>("approval", startingAt: .ask) { state in
        switch state {
        case .ask:
            .wait(
                forFirst: ["approved", "rejected"].map { name in Signal(name, of: JSON.self).map { Result(decision: name, data: $0) } },
                limit: { context in .within(.milliseconds(context.input.withinMilliseconds ?? day), else: .unanswered) },
                leadsTo: [.decided, .unanswered]
            ) { result, context in
                try await context.store.put(result, for: .result)
                return .decided
            }
        case .decided: .exit { run in try await run.store.require(.result) }
        case .unanswered: .exit { _ in Result(decision: "timeout", data: .null) }
        }
    }
}

extension StoreKey<Approval.Result> {
    fileprivate static var result: Self { "result" }
}
