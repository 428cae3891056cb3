import CanoCore

struct Reading: Sendable {
    let number: Int
    let celsius: Double
}

struct NoSuchTemperature: Error {}

enum Measuring: String, WorkflowState, CaseIterable {
    typealias Output = Double
    case listen, done
}

extension StoreKey<[Double]> { static var averages: Self { "averages" } }

// Reads a source that may never end, and hands on what it reads in windows.
struct Listen: StreamTask {
    var window: StreamWindow { .count(3) }
    var onItemError: StreamErrorPolicy { .skipAndContinue }

    // A resumed run opens the source behind the last window that was flushed.
    func open(_ context: TaskContext<Measuring>, from cursor: Int?) async throws -> AsyncStream<Reading> {
        let celsius = [18.0, 21, 24, -300, 19, 20, 21, 22]
        return AsyncStream { source in
            for number in (cursor ?? 0)..<celsius.count { source.yield(Reading(number: number, celsius: celsius[number])) }
            source.finish()
        }
    }

    func process(_ reading: Reading, _ context: TaskContext<Measuring>) async throws -> (output: Double, cursor: Int) {
        guard reading.celsius > -273.15 else { throw NoSuchTemperature() }
        return (reading.celsius, reading.number + 1)
    }

    func flush(_ window: [Double], _ context: TaskContext<Measuring>) async throws -> WindowSignal<Measuring> {
        let average = window.reduce(0, +) / Double(window.count)
        print("\(window) on average \(average)")
        try await context.store.append(average, to: .averages)
        return .proceed
    }

    func close(_ reason: CloseReason, _ context: TaskContext<Measuring>) async throws -> Measuring { .done }
}

let measuring = Workflow<Measuring>("measuring", startingAt: .listen) { state in
    switch state {
    case .listen: .task(Listen(), leadsTo: [.done])
    case .done: .exit { run in try await run.store.require(.averages).max() ?? 0 }
    }
}

print("the warmest window has \(try await measuring.run())")
