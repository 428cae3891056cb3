#!lua flags=allow-oom
-- Puts tasks that are held back on their queue, where that has room for them: each script that takes one off does so, and this for those that
-- went another way.
--
-- Behind the keys: those of the queue.
--
-- Gives how many were put there.
return admit(queue_at(more_keys))
