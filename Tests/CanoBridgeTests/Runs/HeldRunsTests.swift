import CanoCore
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("The runs that a bridge holds while they wait", .timeLimit(.minutes(5)))
struct HeldRunsTests {
    private let bridge: ScriptedBridge
    private let runs = HeldRuns()
    private static let signal = ReceivedSignal(id: "results/5-0", name: "//1", data: Array("1".utf8))

    init() throws {
        bridge = try ScriptedBridge()
    }

    private func task(_ run: String = "a", inputBytes: Int = 0) -> RunTask {
        RunTask(bridge.session(run, isListed: false), inputBytes: inputBytes)
    }

    private func hold(_ task: RunTask) -> Bool { runs.hold(task, at: bridge.clock.now) }

    @Test("go on where they are when they are asked for and woken; what followed them knows that they were put down")
    func woken() async throws {
        let task = task()
        #expect(hold(task))
        async let signals = task.untilWoken()
        guard case .waiting = try await task.untilStop() else {
            Issue.record("it was not put down")
            return
        }
        #expect(runs.ask(for: "a") === task)
        #expect(runs.ask(for: "a") == nil, "a script is under way already")
        task.giveBack()
        #expect(runs.ask(for: "a") === task, "it waits on")
        runs.wake(task, with: [Self.signal])
        #expect(await signals == [Self.signal])
        #expect(runs.ask(for: "a") == nil)
    }

    @Test("are let go of after a second, when they are claimed in another way, and when the bridge stops", arguments: 0..<3)
    func letGo(reason: Int) async throws {
        let task = task()
        #expect(hold(task))
        async let signals = task.untilWoken()
        runs.dropOld(at: bridge.clock.now)
        #expect(runs.ask(for: "a") === task)
        task.giveBack()
        switch reason {
        case 0:
            bridge.clock.advance(by: HeldRuns.period)
            runs.dropOld(at: bridge.clock.now)
        case 1: runs.drop("a")
        default: runs.close()
        }
        #expect(await signals == nil)
        #expect(runs.ask(for: "a") == nil)
        #expect(hold(self.task("b")) == (reason < 2), "a bridge that stops holds none")
    }

    @Test("are not let go of while a script is under way that may wake them, but then")
    func asked() async throws {
        for isWoken in [true, false] {
            let task = task()
            #expect(hold(task))
            async let signals = task.untilWoken()
            #expect(runs.ask(for: "a") === task)
            runs.drop("a")
            if isWoken { runs.wake(task, with: [Self.signal]) } else { task.giveBack() }
            #expect(await signals == (isWoken ? [Self.signal] : nil))
        }
    }

    @Test("are let go of when they are stopped")
    func stopped() async throws {
        let task = task()
        #expect(hold(task))
        let waiting = Task { await task.untilWoken() }
        _ = try await task.untilStop()
        waiting.cancel()
        #expect(await waiting.value == nil)
        #expect(runs.ask(for: "a") == nil)
    }

    @Test("are no more than there is room for, and none is large")
    func bounds() {
        let runs = HeldRuns(most: 2)
        #expect(!runs.hold(task("large", inputBytes: HeldRuns.mostBytes + 1), at: bridge.clock.now))
        #expect(runs.hold(task("a", inputBytes: HeldRuns.mostBytes), at: bridge.clock.now))
        #expect(runs.hold(task("b"), at: bridge.clock.now))
        #expect(!runs.hold(task("c"), at: bridge.clock.now))
        runs.drop("a")
        #expect(runs.hold(task("c"), at: bridge.clock.now))
    }

    @Test("are few while most are held in vain, and many again once their answers come in time")
    func inVain() {
        let runs = HeldRuns(most: 32)
        func held(_ wave: String) -> [String] {
            (0..<40).map { "\(wave)\($0)" }.filter { runs.hold(task($0), at: bridge.clock.now) }
        }
        #expect(held("a").count == 32)
        bridge.clock.advance(by: HeldRuns.period)
        runs.dropOld(at: bridge.clock.now)
        for wave in 0..<16 {
            let few = held("few-\(wave)-")
            #expect(few.count == 2, "no answer has come in time")
            for run in few { runs.ask(for: run).map { runs.wake($0, with: []) } }
        }
        #expect(held("z").count == 32)
    }

    @Test("count what their stores have grown to")
    func stores() throws {
        let task = task()
        let text = String(repeating: "x", count: HeldRuns.mostBytes)
        try task.session.withLedger { try $0.apply([StagedWrite(key: "k", operation: .put(text))]) }
        #expect(!hold(task))
    }
}
