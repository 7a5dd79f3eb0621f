module example.com/${{ values.name }}

go ${{ values.go }}
