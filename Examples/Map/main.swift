import CanoCore

enum Counting: String, WorkflowState, CaseIterable {
    typealias Input = String
    typealias Output = String
    case cut, count, done
}

// One branch for each element of a list that a run makes: here of what the state before has handed on.
let counting = Workflow<Counting>("counting", startingAt: .cut) { state in
    switch state {
    case .cut: .step(then: .count) { context in context.input.split(separator: "\n").map(String.init) }
    case .count:
        .each("line", taking: [String].self, then: .done) { line, _ in
            line.lowercased().filter(\.isLetter).reduce(into: [:] as [String: Int]) { $0[String($1), default: 0] += 1 }
        } reduce: { lines, _ in
            lines.outputs.reduce(into: [:] as [String: Int]) { $0.merge($1, uniquingKeysWith: +) }
        }
    case .done:
        .exit(taking: [String: Int].self) { letters, _ in
            letters.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
    }
}

let sonnet = """
    Shall I compare thee to a summer's day?
    Thou art more lovely and more temperate:
    Rough winds do shake the darling buds of May,
    And summer's lease hath all too short a date
    """
print(try await counting.run(sonnet))
