module example.org/bad

go 1.21

require "github.com/сobra/cobra" v1.0.0
