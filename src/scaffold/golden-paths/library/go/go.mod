module ${{ values.module }}

go 1.26
