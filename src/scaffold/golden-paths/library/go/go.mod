module ${{ values.module }}

go ${{ values.go }}
