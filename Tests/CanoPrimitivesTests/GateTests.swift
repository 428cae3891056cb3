import CanoPrimitives
import Testing

@Suite("A gate", .timeLimit(.minutes(5)))
struct GateTests {
    @Test("that is open lets tasks pass, and says so")
    func open() async {
        let gate = Gate(isOpen: true)
        #expect(gate.isOpen)
        await gate.pass()
    }

    @Test("that is closed holds tasks up until it is opened, also one that is cancelled")
    func closed() async {
        let (gate, passed) = (Gate(), Counter())
        #expect(!gate.isOpen)
        let tasks = (0..<3).map { _ in
            Task {
                await gate.pass()
                passed.add(1)
            }
        }
        tasks[0].cancel()
        await Task.yield()
        #expect(passed.value == 0)
        gate.open()
        for task in tasks { await task.value }
        #expect(passed.value == 3)
    }

    @Test("that was opened stays open until it is closed, and can be opened again")
    func again() async {
        let (gate, passed) = (Gate(), Counter())
        gate.open()
        gate.open()
        await gate.pass()
        gate.close()
        let task = Task {
            await gate.pass()
            passed.add(1)
        }
        await Task.yield()
        #expect(passed.value == 0)
        gate.open()
        await task.value
        #expect(passed.value == 1)
    }
}
