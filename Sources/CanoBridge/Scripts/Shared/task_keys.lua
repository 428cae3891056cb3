-- For a script that has the keys of tasks only where it has to do with some: it names them then.
local open_tasks, deadlines, queues, commands, control
