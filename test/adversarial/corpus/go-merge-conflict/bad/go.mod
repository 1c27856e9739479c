module example.org/bad

go 1.21

<<<<<<< HEAD
require example.org/dep v1.0.0
=======
require example.org/dep v1.1.0
>>>>>>> theirs
